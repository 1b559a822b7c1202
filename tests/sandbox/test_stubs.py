"""The annotations name exactly the calls that the API has."""

from __future__ import annotations

import re
from pathlib import Path

STUBS = Path(__file__).parents[2] / "sandbox" / "stubs" / "mall.lua"


def test_every_call_is_annotated_and_every_annotation_exists(game) -> None:
    one = game(
        """
        local names = {}
        for name, value in pairs(mall) do
          if type(value) == "function" then
            names[#names + 1] = "mall." .. name
          elseif name ~= "settings" and name ~= "parcel" and name ~= "features" and name ~= "store" then
            for inner in pairs(value) do names[#names + 1] = "mall." .. name .. "." .. inner end
          end
        end
        table.sort(names)
        for _, name in ipairs(names) do mall.log(name) end
        """
    )
    declared = re.findall(r"^function (mall\.[a-z_.]+)\(", STUBS.read_text(), re.MULTILINE)
    assert sorted(declared) == one.logs()

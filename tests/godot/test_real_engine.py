"""The real engine: a headless run that reports, and a picture drawn on a virtual display."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from PIL import Image

from host.godot.display import virtual_display
from host.godot.engine import Engine
from host.godot.launch import ClientDriver
from host.godot.project import prepare

pytestmark = pytest.mark.engine

PROJECT = """config_version=5
[application]
config/name="tiny"
run/main_scene="res://main.tscn"
[rendering]
renderer/rendering_method="gl_compatibility"
[display]
window/size/viewport_width=320
window/size/viewport_height=200
window/vsync/vsync_mode=0
"""
SCENE = """[gd_scene load_steps=2 format=3]
[ext_resource type="Script" path="res://main.gd" id="1"]
[node name="Main" type="Node3D"]
script = ExtResource("1")
"""
HELPER = """class_name Greeter
extends RefCounted
static func greet(who: String) -> String:
\treturn "hello " + who
"""
MAIN = """extends Node3D
func _ready() -> void:
\tvar args := OS.get_cmdline_user_args()
\tprint("MALL ", JSON.stringify({"event": "ready", "said": Greeter.greet(args[0])}))
\tif args[0] == "fail":
\t\t_fail()
\tif args[0] == "stay":
\t\treturn
\tif args[0] == "shot":
\t\tvar camera := Camera3D.new()
\t\tcamera.position = Vector3(0, 0, 3)
\t\tadd_child(camera)
\t\tvar box := MeshInstance3D.new()
\t\tbox.mesh = BoxMesh.new()
\t\tadd_child(box)
\t\tfor frame in 3:
\t\t\tawait RenderingServer.frame_post_draw
\t\tget_viewport().get_texture().get_image().save_png(args[1])
\t\tprint("MALL ", JSON.stringify({"event": "shot"}))
\tget_tree().quit()
func _fail() -> void:
\tvar nothing: Node = null
\tnothing.get_name()
"""


@pytest.fixture(scope="module")
def project(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "tiny"
    folder.mkdir()
    texts = {"project.godot": PROJECT, "main.tscn": SCENE, "main.gd": MAIN, "greeter.gd": HELPER}
    for name, text in texts.items():
        (folder / name).write_text(text)
    cache = tmp_path_factory.mktemp("cache")
    return prepare(engine, folder, {"XDG_CACHE_HOME": str(cache)})


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def test_headless_client_reports_and_ends(engine: Engine, project: Path, env: dict[str, str]) -> None:
    async def run() -> None:
        async with ClientDriver(engine, project, ["ann"], env=env) as client:
            assert (await client.wait_for("ready"))["said"] == "hello ann"
            assert await client.wait_end() == 0
            assert client.errors == []

    asyncio.run(run())


def test_a_script_error_is_seen(engine: Engine, project: Path, env: dict[str, str]) -> None:
    async def run() -> None:
        async with ClientDriver(engine, project, ["fail"], env=env) as client:
            await client.wait_end()
            assert len(client.errors) == 1
            assert "on a null value" in client.errors[0]
            assert "at: _fail (res://main.gd:" in client.errors[0]

    asyncio.run(run())


def test_leaving_ends_a_client_that_stays(engine: Engine, project: Path, env: dict[str, str]) -> None:
    async def run() -> int:
        async with ClientDriver(engine, project, ["stay"], env=env) as client:
            await client.wait_for("ready")
            return client.pid

    pid = asyncio.run(run())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_picture_drawn_on_a_virtual_display_has_more_than_one_colour(
    engine: Engine, project: Path, env: dict[str, str], tmp_path: Path
) -> None:
    shot = tmp_path / "shot.png"

    async def run(display: str) -> None:
        arguments = ["shot", str(shot)]
        async with ClientDriver(
            engine, project, arguments, display=display, headless=False, env=env
        ) as client:
            await client.wait_for("shot")
            await client.wait_end()
            assert client.errors == []

    with virtual_display(engine, 320, 200) as display:
        asyncio.run(run(display))
    with Image.open(shot) as picture:
        assert picture.size == (320, 200)
        colours = picture.convert("RGB").getcolors(maxcolors=1 << 20)
    assert colours is not None
    assert len(colours) > 1

-- What a creation may know: its settings, its parcel, what this host offers.
local K = ...
local setmetatable, next = setmetatable, next
local mall, bad = K.mall, K.bad

-- A copy that creators may read but not change.
function K.frozen(fields, what)
  return setmetatable({}, {
    __index = fields,
    __newindex = function(_, key)
      bad(what .. "." .. K.tostring(key) .. " cannot be set")
    end,
    __pairs = function()
      local copy = {}
      for key, value in next, fields do
        copy[key] = value
      end
      return K.step, copy, nil
    end,
    __metatable = false,
  })
end

local facts = K.decode(K.facts, 1)
K.facts = nil
mall.settings = K.frozen(facts.settings, "mall.settings")
mall.parcel = K.frozen(facts.parcel, "mall.parcel")

-- Levels of the parts that are here: each table of `mall`, and what came to them.
mall.features = K.frozen({
  world = 1, players = 1, ui = 1, store = 1, board = 1, match = 1, rewards = 1, bus = 1, chat = 1, ray = 1, sky = 1,
  actions = 1, tickets = 1, reload = 1,
}, "mall.features")

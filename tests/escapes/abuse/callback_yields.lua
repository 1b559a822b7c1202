-- Callbacks of the API that yield and are never resumed.
-- load: ok|error
-- event: ok|error
local c = coroutine.wrap(function()
  mall.world.spawn { at = { 1, 0, 1 }, state = setmetatable({}, { __pairs = function()
    coroutine.yield()
  end }) }
end)
c()
mall.log "alive"

-- __pairs of a component's table that uses the API while the component is read.
-- load: ok
-- event: ok
local meta = { __pairs = function()
  mall.log "inner"
  pcall(mall.world.spawn, { at = { 2, 0, 2 }, state = { a = 1 } })
  return next, { a = 1 }, nil
end }
local e = mall.world.spawn { at = { 1, 0, 1 }, state = setmetatable({}, meta) }
e:remove()

-- Positions that are none.
-- load: ok
-- event: ok
local object = setmetatable({}, { __index = function() return 0 / 0 end, __lt = function() return true end, __le = function() return true end })
local bad = {
  { 0 / 0, 0, 0 }, { 1 / 0, 0, 0 }, { -1, 0, 0 }, { 0, 0, -1e-9 }, { 99, 0, 0 }, { "1", 0, 0 }, { {}, {}, {} }, { object, object, object }, object, {},
  { 1 }, { x = 1 }, "1,0,1", 5, { 1, 0, 1e308 }, { x = 0 / 0, y = 0, z = 0 }, { true, true, true },
}
for i, at in ipairs(bad) do
  if pcall(mall.world.spawn, { at = at }) or pcall(mall.world.near, at, 1) or pcall(mall.world.effect, { name = "x", at = at }) then
    mall.log("ESCAPED position " .. i)
  end
  for _, p in ipairs(mall.players.all()) do
    if pcall(p.teleport, p, at) then
      mall.log("ESCAPED teleport " .. i)
    end
  end
end

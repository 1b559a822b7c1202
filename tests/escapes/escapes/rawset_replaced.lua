-- rawset, error and pcall replaced, then the API is used.
-- load: ok
-- event: ok
local log = mall.log
local function trap(name)
  return function()
    log("ESCAPED the sandbox called " .. name)
  end
end
local real = pcall
if done then
  return
end
done = true
for _, name in ipairs { "rawset", "rawget", "error", "pcall", "xpcall", "type", "tostring", "select", "next", "setmetatable" } do
  _G[name] = trap(name)
end
real(mall.world.spawn, { at = { 1, 0, 1 }, color = 5 })
real(mall.log, {}, 1)
real(mall.t, "{1}", 5)

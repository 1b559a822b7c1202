-- The hook of the budget taken off by every name.
-- load: ok
-- event: ok
local ways = { "debug", "jit", "hook", "sethook", "getinfo", "getlocal", "getupvalue", "setupvalue", "getregistry", "traceback" }
for _, name in ipairs(ways) do
  if _G[name] ~= nil then
    mall.log("ESCAPED " .. name)
  end
end

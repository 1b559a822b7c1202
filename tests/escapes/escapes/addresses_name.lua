-- __name makes Lua print an address where the guard does not look.
-- load: ok
-- event: ok
local x = setmetatable({}, { __name = "thing" })
local texts = { tostring(x), select(2, pcall(math.floor, x)), select(2, pcall(string.rep, x)), string.format("%s", x) }
for _, s in ipairs(texts) do
  if tostring(s):find "0x" then
    mall.log("ESCAPED an address: " .. s)
  end
end

-- Bitwise metamethods loop.
-- load: budget
-- event: budget
local meta = { __band = function()
  while true do end
end }
meta.__bor, meta.__bxor, meta.__shl, meta.__shr, meta.__bnot = meta.__band, meta.__band, meta.__band, meta.__band, meta.__band
local x = setmetatable({}, meta)
while true do
  pcall(function() return x & 1 end)
  pcall(function() return ~x end)
end

-- Arithmetic metamethods call each other for ever.
-- load: budget
-- event: budget
local meta = {}
local x = setmetatable({}, meta)
function meta.__add(a, b) return a - b end
function meta.__sub(a, b) return a * b end
function meta.__mul(a, b) return a // b end
function meta.__idiv(a, b) return a % b end
function meta.__mod(a, b) return a ^ b end
function meta.__pow(a, b) return a + b end
while true do
  pcall(function() return x + x end)
end

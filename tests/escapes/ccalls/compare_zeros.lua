-- Comparisons of long texts of zeros, which C compares piece by piece, in straight code and in one expression.
-- load: budget
-- event: budget
local a = string.rep("\0", 400000)
local b = a .. "b"
a = a .. "a"
for _ = 1, 20000 do end
local x
while true do
  x = a < b
  x = a < b
  x = a < b
  x = a < b
  x = a < b
  x = a < b
  x = a < b
  x = a < b
  x = { a < b, a < b, a < b, a < b, a < b, a < b, a < b, a < b, a < b }
end

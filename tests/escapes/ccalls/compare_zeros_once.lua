-- Twelve long comparisons in one expression.
-- load: budget
-- event: budget
local a = ("\0"):rep(800000)
local t = {}
while true do
  t[1] = { a<a, a<a, a<a, a<a, a<a, a<a, a<a, a<a, a<a, a<a, a<a, a<a }
end

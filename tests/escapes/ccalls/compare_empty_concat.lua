-- Long comparisons beside an empty text.
-- load: budget
-- event: budget
local a = ("\0"):rep(800000)
local t = {}
while true do
  t[1] = { a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a, a..""<a }
end

-- A jump back to a label after a condition and a function.
-- load: budget
-- event: budget
local n = 0
repeat until true function g() end ::a:: n = n + 1 goto a

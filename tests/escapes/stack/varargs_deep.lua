-- Recursion that carries a long argument list.
-- load: budget|memory
-- event: budget|memory
local function f(...)
  return 1 + f(1, 2, 3, 4, 5, 6, 7, 8, ...)
end
f()

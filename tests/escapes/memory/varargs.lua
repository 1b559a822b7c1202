-- Argument lists that double.
-- load: budget|memory
-- event: budget|memory
local function f(...)
  return f(..., ...)
end
local function g(...)
  return g(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...)
end
pcall(f, 1)
g()

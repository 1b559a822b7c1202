-- Wide argument lists, copied at each call.
-- load: budget
-- event: budget
local function f(n, ...)
  if n > 0 then
    return f(n - 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...)
  end
  while true do
    select("#", ...)
  end
end
f(4000)

-- Fifty pcalls around an endless loop, each of which goes on.
-- load: budget
-- event: budget
local function nest(n)
  if n == 0 then
    while true do end
  end
  while true do
    pcall(nest, n - 1)
  end
end
nest(50)

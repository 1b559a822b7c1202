-- A float loop whose step is too small to get on.
-- load: budget
-- event: budget
for x = 1e16, 2e16, 0.5 do
  local _ = x
end

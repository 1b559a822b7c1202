-- A counted loop that is as good as endless.
-- load: budget
-- event: budget
for i = 1, math.maxinteger do
  local _ = i
end

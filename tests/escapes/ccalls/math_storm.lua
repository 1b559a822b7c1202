-- Slow functions of math.
-- load: budget
-- event: budget
while true do
  math.exp(math.sin(1e22) ^ 0.1)
  math.fmod(1e308, 1e-300)
end

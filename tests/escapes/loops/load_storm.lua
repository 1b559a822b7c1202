-- Compiling without end.
-- load: budget
-- event: budget
while true do
  load("local a, b, c = 1, 2, 3 return function() return a + b + c end")
end

-- The log flooded.
-- load: budget
-- event: budget
for i = 1, 100000 do
  mall.log(string.rep("x", 2000), i)
end

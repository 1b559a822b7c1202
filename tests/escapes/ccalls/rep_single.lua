-- rep of one byte copies byte by byte; done with the longest possible string.
-- load: budget|memory
-- event: budget|memory
for _ = 1, 20000 do end
while true do
  string.rep("x", 700000)
end

-- Long strings by rep, over and over.
-- load: budget|memory
-- event: budget|memory
while true do
  string.rep("abcdefgh", 100000)
end

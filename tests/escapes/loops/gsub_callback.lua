-- A callback of gsub loops.
-- load: budget
-- event: budget
string.gsub("abc", ".", function()
  while true do end
end)

-- gmatch started over and over.
-- load: budget
-- event: budget
while true do
  for w in string.gmatch("a b c d", "%a") do
    local _ = w
  end
end

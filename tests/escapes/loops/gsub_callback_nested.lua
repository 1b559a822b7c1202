-- A callback of gsub calls gsub, and so on, for ever.
-- load: budget
-- event: budget
local function again(s)
  return (string.gsub(s, ".", function(c)
    return again(c .. c)
  end))
end
while true do
  pcall(again, "ab")
end

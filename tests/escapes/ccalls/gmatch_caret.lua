-- In gmatch a caret is no anchor, so that a pattern is dearer than it looks.
-- load: budget
-- event: budget
local s = string.rep("^", 120000)
for _ = 1, 20000 do end
while true do
  for w in string.gmatch(s, "^.-b") do
    local _ = w
  end
end

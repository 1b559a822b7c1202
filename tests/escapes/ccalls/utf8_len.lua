-- utf8.len of a long text.
-- load: budget
-- event: budget
local s = string.rep("\u{e9}", 400000)
for _ = 1, 20000 do end
while true do
  utf8.len(s)
end

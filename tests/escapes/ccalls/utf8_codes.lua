-- utf8.codes over a long text, without end.
-- load: budget
-- event: budget
local s = string.rep("\u{e9}", 100000)
while true do
  for _, c in utf8.codes(s) do
    local _ = c
  end
end

-- Kinds of matches without end.
-- load: error
-- event: error
while true do
  mall.match.define {}
end

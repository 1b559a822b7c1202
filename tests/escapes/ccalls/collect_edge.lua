-- Allocates where ten kilobytes are free: each few tables make the collector walk all that lives, a long chain among it.
-- load: budget
-- event: budget
if not keep then
  keep = {}
  for i = 1, 16384 do
    keep[i] = {}
  end
  local u = {}
  for _ = 1, 19200 do
    u = { u }
  end
  chain = u
end
while true do
  local _ = {}
end

-- Finds the last free byte tick by tick, then allocates there: each new table makes the collector walk all that lives.
-- load: ok|memory|budget
-- event: memory|budget
if not keep then
  keep = {}
  for i = 1, 8000 do
    keep[i] = { {} }
  end
end
low, high = low or 0, high or 2000000
local middle, before = (low + high) // 2, high
high = middle -- stands when memory ends below
local pieces = {}
for i = 1, middle // 16384 do
  pieces[i] = string.rep("x", 16384)
end
pieces[#pieces + 1] = string.rep("x", middle % 16384)
low, high = middle, before
for _ = 1, 2000 do
  local _ = {}
end

-- A comparator that yields; it must fail or work, not break the sort.
-- load: error
-- event: error
local c = coroutine.wrap(function()
  table.sort({ 3, 2, 1 }, function(a, b)
    coroutine.yield()
    return a < b
  end)
  error("sorted")
end)
for _ = 1, 100 do
  c()
end

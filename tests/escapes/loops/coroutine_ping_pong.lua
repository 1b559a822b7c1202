-- Work is split over two coroutines so that each does little at a time.
-- load: budget
-- event: budget
local function worker()
  while true do
    for i = 1, 40 do
      local _ = i
    end
    coroutine.yield()
  end
end
local a, b = coroutine.wrap(worker), coroutine.wrap(worker)
while true do
  a()
  b()
end

-- A coroutine of an earlier event loops when it is resumed later.
-- load: budget
-- event: budget
kept = kept or coroutine.create(function()
  while true do
    coroutine.yield()
    for i = 1, 1e9 do
      local _ = i
    end
  end
end)
for _ = 1, 3 do
  coroutine.resume(kept)
end

-- The store changed all the time, so that every snapshot is due.
-- load: ok
-- event: budget
for i = 1, 3000 do
  mall.store.set("k" .. i % 50, { i, string.rep("x", 500) })
end

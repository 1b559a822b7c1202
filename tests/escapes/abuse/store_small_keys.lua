-- Many tiny values in the store.
-- load: ok
-- event: budget
for i = 1, 100000 do
  if not pcall(mall.store.set, "k" .. i, 1) then
    break
  end
end

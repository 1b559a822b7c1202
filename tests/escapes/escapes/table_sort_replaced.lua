-- table.sort replaced by a function that counts who calls it; only the creator's own calls may arrive.
-- load: ok
-- event: ok
local sort = table.sort
table.sort = function(t, f)
  mall.log "ESCAPED the sandbox called the creator's table.sort"
  return sort(t, f)
end
mall.store.set("a", mall.random())
mall.store.set("b", 1)
pcall(function()
  for _ in pairs { [{}] = 1, [{}] = 2 } do
  end
end)

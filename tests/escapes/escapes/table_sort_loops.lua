-- table.sort replaced by a loop, then the store is made dirty so that a snapshot is due.
-- load: ok
-- event: ok
table.sort = function()
  while true do end
end
mall.store.set("a", mall.random())
mall.store.set("b", mall.random())

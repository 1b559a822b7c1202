-- update whose function changes the store, raises and re-enters.
-- load: ok
-- event: ok
for depth = 1, 5 do
  pcall(mall.store.update, "k", function(v)
    mall.store.set("k", depth)
    mall.store.update("k", function(w)
      return (w or 0) + 1
    end)
    error "x"
  end)
end
mall.store.update("k", function()
  return nil
end)
local co = coroutine.wrap(function()
  mall.store.update("k", function()
    coroutine.yield(1)
    return 5
  end)
end)
co()
co()

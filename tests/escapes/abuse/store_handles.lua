-- Handles and functions put into the store.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
for _, x in ipairs { e, print, mall, coroutine.create(print), mall.players, { e }, { x = print }, setmetatable({}, {}) } do
  if pcall(mall.store.set, "k", x) then
    mall.log("ESCAPED the store took a " .. type(x))
  end
end
e:remove()

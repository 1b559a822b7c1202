-- setmetatable on handles of the API.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
local handles = { e, mall.settings, mall.parcel }
for _, p in ipairs(mall.players.all()) do
  handles[#handles + 1] = p
end
for i, h in ipairs(handles) do
  if pcall(setmetatable, h, {}) or pcall(setmetatable, h, nil) then
    mall.log("ESCAPED metatable of handle " .. i)
  end
end
e:remove()

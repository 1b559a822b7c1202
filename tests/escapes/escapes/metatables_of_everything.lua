-- getmetatable of each value that can be reached.
-- load: ok
-- event: ok
local seen, list = {}, { _G }
local handles = mall.players.all()
handles[#handles + 1] = mall.world.spawn { at = { 1, 0, 1 } }
list[2] = handles
while #list > 0 do
  local t = table.remove(list)
  if not seen[t] then
    seen[t] = true
    local m = getmetatable(t)
    if type(m) == "table" then
      mall.log("ESCAPED a metatable " .. tostring(m))
    end
    for k, v in next, t do
      for _, x in ipairs { k, v } do
        if type(x) == "table" then
          list[#list + 1] = x
        elseif type(x) ~= "nil" and type(getmetatable(x)) == "table" then
          mall.log("ESCAPED a metatable of " .. type(x))
        end
      end
    end
  end
end

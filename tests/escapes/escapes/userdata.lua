-- A userdata that could be a Python object, anywhere.
-- load: ok
-- event: ok
local seen, list = {}, { _G, mall.players.all() }
while #list > 0 do
  local t = table.remove(list)
  if not seen[t] then
    seen[t] = true
    for k, v in next, t do
      for _, x in ipairs { k, v } do
        if type(x) == "userdata" then
          mall.log("ESCAPED userdata " .. tostring(k))
        elseif type(x) == "table" then
          list[#list + 1] = x
        end
      end
    end
  end
end

-- Methods of matches and kinds called on other things.
-- load: error
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 1 } end) then
  error "an event cannot declare"
end
mall.on("enter", function(p)
  local m = kind:join(p)
  for _, thing in ipairs { 1, "x", {}, p, kind, setmetatable({}, { __index = m }) } do
    for _, name in ipairs { "score", "left", "ranking", "finish", "leave" } do
      if pcall(m[name], thing, p, 1) then
        mall.log("ESCAPED match." .. name)
      end
    end
  end
  for _, thing in ipairs { 1, "x", {}, p, m } do
    pcall(kind.join, thing, p)
    pcall(kind.open, thing)
  end
end)

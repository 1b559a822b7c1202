-- Raw fields on player handles, then a match that sends its players. The body is a whole game at load.
-- load: ok|error
-- event: error
local kind
local declared = pcall(function()
  kind = mall.match.define { min = 1, seconds = 5 }
  mall.on("enter", function(p)
    pcall(rawset, p, "id", -7)
    pcall(kind.join, kind, p)
  end)
end)
if not declared then
  error "an event cannot declare"
end

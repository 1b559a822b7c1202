-- More matches than there may be.
-- load: ok
-- event: error
local kind
if not pcall(function() kind = mall.match.define { min = 64, max = 64 } end) then
  error "an event cannot declare"
end
mall.on("enter", function()
  while pcall(kind.open, kind) do
  end
end)

-- The seed of chance.
-- load: ok
-- event: ok
if math.randomseed then
  mall.log "ESCAPED randomseed"
end

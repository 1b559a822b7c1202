-- What the host configured for this state: limits, seed, capabilities, footprint, facts, texts.
local K = ...
local next = next

for name, value in next, (K.decode(K.configuration, 1)) do
  K[name] = value
end
K.configuration = nil

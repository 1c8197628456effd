export { type ComplianceCase, type ComplianceSettings, strategyCompliance } from './compliance.ts';
export {
  anOpportunity,
  aPayOption,
  aRemotePayOption,
  type HostileOpportunity,
  hostileOpportunities,
  randomOpportunities,
  randomOpportunity,
} from './fixtures.ts';
export { type ProtocolCase, type ProtocolSettings, protocolCompliance } from './protocol-compliance.ts';
export { createRandom, type Random } from './random.ts';

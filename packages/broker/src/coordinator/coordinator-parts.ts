/**
 * What coordinators of every kind are made with: the broker's metadata, logs and settings, its clock and its log of events.
 */
import type { Clock, Logger } from '@samsa/runtime'
import type { Configs } from '../config/dynamic-config.js'
import type { LogManager } from '../log/log-manager.js'
import type { MetadataImage } from '../metadata/image.js'

export interface CoordinatorParts {
  readonly image: MetadataImage
  readonly logs: LogManager
  readonly configs: Configs
  readonly clock: Clock
  readonly logger: Logger
}

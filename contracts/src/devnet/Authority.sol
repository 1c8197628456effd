// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

// Compiles OpenZeppelin's access manager beside our contracts, so that deployments find its code in one place.
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

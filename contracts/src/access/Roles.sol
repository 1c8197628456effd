// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../BackstopVault.sol";
import {Erc7683Resolver} from "../Erc7683Resolver.sol";
import {MarketRegistry} from "../MarketRegistry.sol";
import {MessageClient} from "../MessageClient.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title The roles, the functions each role may call, and their delays.
/// @notice Three kinds of power, all of them over rules and none over money:
/// - `ADMIN` (the access manager's own role) gives roles and names what each may do. Held with an execution delay.
/// - `RULES` changes terms, caps, routes, auctioneers, security modules, bridges. Held with the same delay.
/// - `GUARDIAN` pauses, lowers caps, and cancels scheduled changes of rules. Held without delay.
/// A restricted function that the table does not name needs ADMIN, so an omission is too strict and never too open.
library Roles {
    uint64 internal constant ADMIN = 0;
    uint64 internal constant RULES = 1;
    uint64 internal constant GUARDIAN = 2;

    /// @notice One function of one kind of contract, and the role it needs.
    struct Permission {
        string target; // the contract's name
        bytes4 selector;
        uint64 role;
    }

    error DelayTooShort(uint32 delay, uint256 longerThan);
    error ZeroAddress();

    /// @notice Every function that a role other than ADMIN may call.
    function permissions() internal pure returns (Permission[] memory all) {
        all = new Permission[](16);
        uint256 n;
        all[n++] = Permission("MarketRegistry", MarketRegistry.setTerms.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.setDebtTerms.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.setRoute.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.setAuctioneers.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.setCollateral.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.unpause.selector, RULES);
        all[n++] = Permission("MarketRegistry", MarketRegistry.pause.selector, GUARDIAN);
        all[n++] = Permission("MarketRegistry", MarketRegistry.lowerCaps.selector, GUARDIAN);
        all[n++] = Permission("CollateralEscrow", MessageClient.setSecurityModule.selector, RULES);
        all[n++] = Permission("RepaymentEscrow", MessageClient.setSecurityModule.selector, RULES);
        all[n++] = Permission("Erc7683Resolver", Erc7683Resolver.setChain.selector, RULES);
        all[n++] = Permission("BackstopVault", BackstopVault.setEscrow.selector, RULES);
        all[n++] = Permission("BackstopVault", BackstopVault.setReimbursement.selector, RULES);
        all[n++] = Permission("BackstopVault", BackstopVault.restoreCap.selector, RULES);
        all[n++] = Permission("BackstopVault", BackstopVault.writeOff.selector, RULES);
        all[n++] = Permission("BackstopVault", BackstopVault.impair.selector, GUARDIAN);
    }

    /// @notice Gives the functions of one contract to their roles. The caller must be ADMIN without delay.
    /// @param target The contract's name in the table.
    function assign(AccessManager manager, string memory target, address at) internal {
        Permission[] memory all = permissions();
        bytes4[] memory one = new bytes4[](1);
        for (uint256 i; i < all.length; ++i) {
            if (keccak256(bytes(all[i].target)) != keccak256(bytes(target))) continue;
            one[0] = all[i].selector;
            manager.setTargetFunctionRole(at, one, all[i].role);
        }
    }

    /// @notice Hands every role over: `admin` gets ADMIN and RULES with `delay` on every use, `guardian` gets GUARDIAN
    /// without delay, and `deployer`, the caller and ADMIN until now, renounces ADMIN.
    /// @param delay Seconds; longer than `longestRedemption`, so that a lender can leave before a change it disagrees
    /// with.
    /// @param longestRedemption Seconds a vault's redemption takes, the longest of all vaults.
    function handOver(
        AccessManager manager,
        address deployer,
        address admin,
        address guardian,
        uint32 delay,
        uint256 longestRedemption
    ) internal {
        if (admin == address(0) || guardian == address(0)) revert ZeroAddress();
        if (delay <= longestRedemption) revert DelayTooShort(delay, longestRedemption);
        manager.labelRole(RULES, "RULES");
        manager.labelRole(GUARDIAN, "GUARDIAN");
        manager.setRoleGuardian(RULES, GUARDIAN);
        manager.grantRole(RULES, admin, delay);
        manager.grantRole(GUARDIAN, guardian, 0);
        manager.grantRole(ADMIN, admin, delay);
        if (admin != deployer) manager.renounceRole(ADMIN, deployer);
    }
}

/// @title The table of `Roles`, for deployers that are not written in Solidity. Needs no deployment: call its code.
contract RoleTable {
    function permissions() external pure returns (Roles.Permission[] memory) {
        return Roles.permissions();
    }
}
